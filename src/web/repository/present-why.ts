import { actions, isAction } from '../../access/action.js';
import type { Missing, Reason } from '../../access/policy.js';
import type { SubjectRights } from '../../permissions/rights.js';
import type { Locale } from '../rendering/locale.js';

/** The explainer: what was asked, the verdict, and every rule that allows it. */
export function presentWhy(
  asked: { readonly username: string; readonly action: string },
  rights: SubjectRights | undefined,
  locale: Locale,
): object {
  const action = isAction(asked.action) ? asked.action : 'push';
  const form = {
    username: asked.username,
    actions: actions.map((one) => ({ action: one, selected: one === action })),
    asked: asked.username !== '',
    known: rights !== undefined,
  };
  if (rights === undefined) return form;
  const { t } = locale;
  const { enabled, actions: decisions } = rights;
  const allowed = enabled && decisions[action].allowed;
  const verdict = t(allowed ? 'grants.verdictYes' : 'grants.verdictNo', {
    user: rights.subject.name,
    action: t(`actions.${action}`),
  });
  const reasons = decisions[action].reasons.map((reason) => ({ text: reasonText(reason, locale) }));
  return {
    ...form,
    allowed,
    verdict,
    reasons: enabled ? reasons : [],
    disabled: !enabled,
    missing: missingText(decisions[action].missing, locale),
  };
}

/** Which grants would change the verdict. */
function missingText(missing: Missing | undefined, { t }: Locale): string | undefined {
  if (missing?.need !== 'grant') return undefined;
  return t('grants.whyMissing', { action: t(`actions.${missing.action}`), patterns: missing.patterns.join(', ') });
}

function reasonText(reason: Reason, { t }: Locale): string {
  switch (reason.rule) {
    case 'admin':
      return t('grants.whyAdmin');
    case 'visibility':
      return t('grants.whyVisibility', { visibility: t(`visibility.${reason.visibility}`) });
    case 'grant':
      return t(reason.group === undefined ? 'grants.whyGrant' : 'grants.whyGroupGrant', {
        pattern: reason.pattern,
        action: t(`actions.${reason.action}`),
        group: reason.group ?? '',
      });
  }
}
