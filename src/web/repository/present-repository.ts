import type { Action } from '../../access/action.js';
import { actions } from '../../access/action.js';
import { type Visibility, visibilities } from '../../access/visibility.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { Repository } from '../../repositories/repository.js';
import { urlOfPermissions, urlOfSettings, urlOfTags } from '../navigation/urls.js';
import type { Locale } from '../rendering/locale.js';

/** What the head of every page of a repository shows. */
export function presentRepository(repository: Repository, allowed: ReadonlySet<Action>, locale: Locale): object {
  const { name, visibility, description, pushedAt } = repository;
  return {
    name,
    ...splitName(name),
    namePattern: literalPattern(name),
    visibility,
    description,
    pushedAt,
    url: urlOfTags(name),
    permissionsUrl: urlOfPermissions(name),
    settingsUrl: urlOfSettings(name),
    removeUrl: `/r/${name}/-/remove`,
    rights: actionNames([...allowed], locale),
    can: { push: allowed.has('push'), delete: allowed.has('delete'), manage: allowed.has('manage') },
  };
}

/** `team/` and `app`: the part to be looked at stands out. */
export function splitName(name: RepositoryName): { namespace: string; base: string } {
  const slash = name.lastIndexOf('/') + 1;
  return { namespace: name.slice(0, slash), base: name.slice(slash) };
}

/** "pull, push", or "all". */
export function actionNames(granted: readonly Action[], locale: Locale): string {
  if (granted.length === actions.length) return locale.t('actions.all');
  return granted.length === 0
    ? locale.t('actions.none')
    : locale.list(granted.map((action) => locale.t(`actions.${action}`)));
}

/** The chosen one of a form; private when it is none. */
export function visibilityOf(text: string): Visibility {
  return visibilities.find((visibility) => visibility === text) ?? 'private';
}

/** The radio buttons of a form. */
export function visibilityChoices(current: Visibility): object[] {
  return visibilities.map((value) => ({ value, checked: value === current }));
}

/** The value of an HTML `pattern` that only this text matches. */
export function literalPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
