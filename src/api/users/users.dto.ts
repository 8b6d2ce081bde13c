import { IsBoolean, IsEmail, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { type Role, roles } from '../../access/principal.js';
import { IfGiven } from '../lists/if-given.js';

/** What anybody may know of a person; null takes it away. */
class PersonBody {
  @IsOptional()
  @MaxLength(255)
  @IsString()
  readonly fullName?: string | null;

  @IsOptional()
  @IsEmail()
  readonly email?: string | null;
}

export class CreateUserBody extends PersonBody {
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

  @IfGiven()
  @IsBoolean()
  readonly mustChangePassword?: boolean;
}

export class UpdateUserBody extends PersonBody {
  @IfGiven()
  @IsIn(roles)
  readonly role?: Role;

  @IfGiven()
  @IsBoolean()
  readonly enabled?: boolean;
}

export class PasswordResetBody {
  @MaxLength(1024)
  @IsString()
  readonly password!: string;
}
