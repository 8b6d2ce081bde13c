import { IsString, MaxLength } from 'class-validator';

/** Longer passwords are nobody's, so they are refused before any work is done with them. */
const maxPassword = 1024;

export class LoginBody {
  @MaxLength(255)
  @IsString()
  readonly username!: string;

  @MaxLength(maxPassword)
  @IsString()
  readonly password!: string;
}

export class PasswordBody {
  @MaxLength(maxPassword)
  @IsString()
  readonly currentPassword!: string;

  @MaxLength(maxPassword)
  @IsString()
  readonly newPassword!: string;
}
