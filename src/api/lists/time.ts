import { ValidateBy } from 'class-validator';

const format = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** A point in time with its offset (RFC 3339), such as `2027-01-31T12:00:00Z`. */
export const IsTime = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTime',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && format.test(value) && isCalendarDay(value) && isWritable(value),
      defaultMessage: () => 'must be a time such as 2027-01-31T12:00:00Z',
    },
  });

/** As the rooms take it: left out stays left out, null stays null. */
export function timeOf(text: string | null | undefined): Date | null | undefined {
  return text ? new Date(text) : (text as null | undefined); // the empty text is no time, so IsTime has refused it
}

/** With its offset it may be in a year of five digits, which no answer could write in the form that is taken here. */
function isWritable(text: string): boolean {
  return format.test(new Date(text).toISOString());
}

/** Date rolls 31 February over into March. */
function isCalendarDay(text: string): boolean {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(Date.parse(text)) && day.toISOString().startsWith(text.slice(0, 10));
}
