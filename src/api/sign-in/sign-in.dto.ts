import { IsString, MaxLength } from 'class-validator';
import { maxPasswordLength } from '../../users/password-policy.js';

export class LoginBody {
  @MaxLength(255)
  @IsString()
  readonly username!: string;

  @MaxLength(maxPasswordLength)
  @IsString()
  readonly password!: string;
}

export class PasswordBody {
  @MaxLength(maxPasswordLength)
  @IsString()
  readonly currentPassword!: string;

  @MaxLength(maxPasswordLength)
  @IsString()
  readonly newPassword!: string;
}
