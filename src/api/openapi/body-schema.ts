import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import type { ArgumentClass } from '../../http/nest-routes.js';
import type { Schema } from './schema.js';

interface Rule {
  readonly type: string;
  readonly name?: string;
  readonly each: boolean;
  readonly constraints: readonly unknown[];
}

/** What the ValidationPipe takes for this class, as a schema: read from the same decorators, so that it cannot say anything else. */
export function bodySchema(body: ArgumentClass): Schema {
  const rules = getMetadataStorage().getTargetValidationMetadatas(body, '', true, false);
  const byMember = new Map<string, Rule[]>();
  for (const rule of rules) {
    const known = byMember.get(rule.propertyName) ?? [];
    byMember.set(rule.propertyName, [...known, { ...rule, constraints: rule.constraints ?? [] }]);
  }
  const members = [...byMember];
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(members.map(([name, known]) => [name, memberSchema(body, name, known)])),
    required: members.filter(([, known]) => !known.some(isCondition)).map(([name]) => name),
  };
}

function memberSchema(body: ArgumentClass, name: string, rules: readonly Rule[]): Schema {
  const isList = rules.some(({ each, name: rule }) => each || rule?.startsWith('array') || rule === 'isArray');
  const one = Object.assign({}, ...rules.filter((rule) => rule.each === isList).map(ruleSchema));
  const nested = rules.some(({ type }) => type === ValidationTypes.NESTED_VALIDATION);
  const item: Schema = nested ? bodySchema(nestedClass(body, name, isList)) : { type: 'string', ...one };
  if (isList) return { type: 'array', items: item, ...Object.assign({}, ...rules.map(listSchema)) };
  const nullable = rules.some((rule) => rule.name === 'isOptional');
  return nullable ? { ...item, type: [item.type, 'null'] } : item;
}

function ruleSchema({ name, constraints: [first] }: Rule): Schema {
  switch (name) {
    case 'isBoolean':
      return { type: 'boolean' };
    case 'maxLength':
      return { maxLength: first };
    case 'isIn':
      return { enum: first };
    case 'isEmail':
      return { format: 'email' };
    case 'isTime':
      return { format: 'date-time' };
    case 'isPageLimit':
      return first as Schema;
    case 'matches':
      return first instanceof RegExp ? { pattern: first.source } : {};
    default:
      return {};
  }
}

function listSchema({ name, constraints: [first] }: Rule): Schema {
  switch (name) {
    case 'arrayNotEmpty':
      return { minItems: 1 };
    case 'arrayMaxSize':
      return { maxItems: first };
    case 'arrayUnique':
      return { uniqueItems: true };
    default:
      return {};
  }
}

function isCondition({ type }: Rule): boolean {
  return type === ValidationTypes.CONDITIONAL_VALIDATION;
}

/** class-transformer keeps its types to itself, so it is asked to make one. */
function nestedClass(body: ArgumentClass, name: string, isList: boolean): ArgumentClass {
  const made = plainToInstance(body, { [name]: isList ? [{}] : {} }) as Record<string, unknown>;
  const value = isList ? (made[name] as unknown[])[0] : made[name];
  return (value as object).constructor as ArgumentClass;
}
