import { IsIn, IsString, MaxLength } from 'class-validator';
import { type Visibility, visibilities } from '../../access/visibility.js';
import { maxRepositoryNameLength } from '../../oci/repository-name.js';
import { type RepositorySort, repositorySorts } from '../../permissions/visible-repositories.store.js';
import { maxDescriptionLength } from '../../users/description.js';
import { IfGiven } from '../lists/if-given.js';
import { ListQuery } from '../lists/list-query.js';

export class RepositoriesQuery extends ListQuery {
  @IfGiven()
  @IsIn(repositorySorts)
  readonly sort?: RepositorySort;
}

export class CreateRepositoryBody {
  @MaxLength(maxRepositoryNameLength)
  @IsString()
  readonly name!: string;

  @IfGiven()
  @MaxLength(maxDescriptionLength)
  @IsString()
  readonly description?: string;

  @IsIn(visibilities)
  readonly visibility!: Visibility;
}

export class UpdateRepositoryBody {
  /** Another name, which everything in the repository and the grants of its own follow. */
  @IfGiven()
  @MaxLength(maxRepositoryNameLength)
  @IsString()
  readonly name?: string;

  @IfGiven()
  @MaxLength(maxDescriptionLength)
  @IsString()
  readonly description?: string;

  @IfGiven()
  @IsIn(visibilities)
  readonly visibility?: Visibility;
}
