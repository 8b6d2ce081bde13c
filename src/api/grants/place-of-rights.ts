import { isPattern } from '../../access/pattern.js';
import { isRowId } from '../lists/row-id.js';

/** Whether a list of somebody's rights may go on there: a pattern and the id of a grant. */
export function isPlaceOfRights(place: string): boolean {
  const [pattern = '', id = '', ...more] = place.split(' ');
  return isPattern(pattern) && isRowId(id) && more.length === 0;
}
