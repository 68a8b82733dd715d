// The tensors that an optimizer keeps beside each variable, made when it is first updated: of one, a tensor per slot.

import type { FloatType } from '../dtype.js';
import { view } from '../memory.js';
import { dispose, keep, tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { copyElements, empty, fromData, type Tensor } from '../tensor.js';
import { livingVariables, type Variable } from '../variable.js';

/** A gradient and the name of its variable. */
export interface NamedTensor {
  /** The name of the variable, or of the state beside it. */
  name: string;
  /** The gradient, or the state. */
  tensor: Tensor;
}

/** The state beside all variables. */
export class State {
  private readonly tensors = new Map<Variable, (Tensor | null)[]>();
  private readonly slots: () => readonly string[];
  private readonly shapeOf: (slot: string, v: Variable) => readonly number[] | null;
  private readonly startOf: (slot: string) => number;

  /**
   * @param slots - their names
   * @param shapeOf - the shape of a slot beside a variable; null if this variable does without it
   * @param startOf - what a slot is filled with at first
   */
  constructor(slots: State['slots'], shapeOf: State['shapeOf'], startOf: State['startOf']) {
    this.slots = slots;
    this.shapeOf = shapeOf;
    this.startOf = startOf;
  }

  /** The tensors beside a variable, in the slots' order; null for a slot that it does without. */
  of(v: Variable): readonly (Tensor | null)[] {
    let tensors = this.tensors.get(v);
    if (!tensors) {
      tensors = this.slots().map((slot) => {
        const shape = this.shapeOf(slot, v);
        return shape && kept(shape, v.dtype as FloatType, this.startOf(slot));
      });
      this.tensors.set(v, tensors);
    }
    return tensors;
  }

  /** What stands in a slot, beside each variable that has it. */
  in(slot: string): [Variable, Tensor][] {
    const at = this.slots().indexOf(slot);
    return [...this.tensors].flatMap(([v, tensors]) => (tensors[at] ? [[v, tensors[at]] as [Variable, Tensor]] : []));
  }

  /** Copies of all, slot by slot, under names such as 'kernel/momentum'. */
  save(): NamedTensor[] {
    const copy = (x: Tensor): Tensor => fromData(x.dataSync(), x.shape, x.dtype);
    return this.slots().flatMap((slot) =>
      this.in(slot).map(([v, tensor]) => ({ name: `${v.name}/${slot}`, tensor: copy(tensor) })),
    );
  }

  /**
   * Copies what was saved into the places of the same names; everything else begins anew.
   *
   * @throws RangeError for a name that no variable has or a tensor of another shape, TypeError for another dtype; nothing
   *   is changed then
   */
  load(saved: readonly NamedTensor[], op: string): void {
    const living = new Map(livingVariables().map((v) => [v.name, v]));
    const slots = this.slots();
    const found = saved.map(({ name, tensor }) => {
      const at = name.lastIndexOf('/');
      const v = living.get(name.slice(0, at));
      const slot = slots.indexOf(name.slice(at + 1));
      const shape = v && slot >= 0 ? this.shapeOf(slots[slot]!, v) : null;
      if (!v || !shape) throw new RangeError(`${op}: there is no variable and state for '${name}'`);
      if (tensor.dtype !== v.dtype) throw new TypeError(`${op}: '${name}' needs ${v.dtype}, got ${tensor.dtype}`);
      if (!sameShape(tensor.shape, shape)) {
        throw new RangeError(`${op}: '${name}' needs shape ${showShape(shape)}, got ${showShape(tensor.shape)}`);
      }
      return { v, slot, tensor };
    });
    this.dispose();
    for (const { v, slot, tensor } of found) copyElements(tensor, this.of(v)[slot]!.storage.address);
  }

  /** Frees all. */
  dispose(): void {
    for (const tensors of this.tensors.values()) dispose(tensors);
    this.tensors.clear();
  }
}

/** A tensor that lives until it is disposed of. */
function kept(shape: readonly number[], dtype: FloatType, value: number): Tensor {
  return tidy(() => {
    const x = keep(empty(shape, dtype));
    view(dtype, x.storage.address, x.size).fill(value);
    return x;
  });
}
