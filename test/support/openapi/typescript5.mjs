// openapi-typescript prints its types with the compiler API of TypeScript 5, which TypeScript 7 no longer has.
import { register } from 'node:module';

const hook = `export const resolve = (name, context, next) => next(name === 'typescript' ? 'typescript5' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
