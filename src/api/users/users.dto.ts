import { IsBoolean, IsEmail, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { type Role, roles } from '../../access/principal.js';
import { IfGiven } from '../lists/if-given.js';

export class CreateUserBody {
  @MaxLength(255)
  @IsString()
  readonly username!: string;

  /** Left out: one is generated, shown once in the answer, and has to be changed. */
  @IfGiven()
  @MaxLength(1024)
  @IsString()
  readonly password?: string;

  @IsIn(roles)
  readonly role!: Role;

  @IsOptional()
  @MaxLength(255)
  @IsString()
  readonly fullName?: string | null;

  @IsOptional()
  @IsEmail()
  readonly email?: string | null;

  @IfGiven()
  @IsBoolean()
  readonly mustChangePassword?: boolean;
}

export class UpdateUserBody {
  @IfGiven()
  @IsIn(roles)
  readonly role?: Role;

  @IfGiven()
  @IsBoolean()
  readonly enabled?: boolean;

  @IsOptional()
  @MaxLength(255)
  @IsString()
  readonly fullName?: string | null;

  @IsOptional()
  @IsEmail()
  readonly email?: string | null;
}

export class PasswordResetBody {
  @MaxLength(1024)
  @IsString()
  readonly password!: string;
}
