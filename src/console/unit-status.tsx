import type { Fact } from '../model/unit.ts';
import { COMMON } from '../../words/console/common.ts';
import { Shape, type ShapeName } from './icons.tsx';
import type { PageContext } from './pages.tsx';

/** The shape for each status. Pages show the shape next to the word for the status. */
export const SHAPES: Record<Fact, ShapeName> = {
  reserved: 'open',
  issued: 'half',
  printed: 'half',
  verified: 'good',
  reported: 'good',
  registered: 'good',
  void: 'void',
  scrapped: 'scrap',
};

export function Status({ page: { say }, status }: { page: PageContext; status: Fact }) {
  return (
    <span class="status">
      <Shape name={SHAPES[status]} />
      {say(COMMON, status)}
    </span>
  );
}

/** Returns the name of a product together with its id. */
export function productSaid(names: ReadonlyMap<string, string>, id: string): string {
  const name = names.get(id) ?? id;
  return name === id ? id : `${name} (${id})`;
}
