// Classes of one's own by their names, so that files that name them can be read.

/** What files name: a class with a static `className`, made of its config. */
export interface SerializableClass {
  new (config: never): object;
  /** What files call it. */
  className?: string;
  /** Makes one of a config; `new` does if absent. */
  fromConfig?(cls: never, config: never): object;
}

type Entry = [cls: SerializableClass, fromConfig: SerializableClass['fromConfig']];

const classNameMap: Record<string, Entry> = Object.create(null);

/**
 * The registered classes, in TensorFlow.js's words.
 *
 * @example
 * 'Dense' in serialization.SerializationMap.getMap().classNameMap;  // false
 */
export const SerializationMap = {
  /** The map. */
  getMap: (): { classNameMap: Record<string, Entry> } => ({ classNameMap }),
};

/**
 * Makes a class known by its static `className`, so that {@link loadLayersModel} can make layers of it.
 *
 * @param pkg - 'Custom' if absent; files may name the class `pkg>name`, too
 * @param name - the className if absent
 * @throws TypeError for a class without one
 * @example
 * class Twice extends layers.Layer {
 *   static className = 'Twice';
 *   call(x) {
 *     return x.mul(2);
 *   }
 * }
 * serialization.registerClass(Twice);
 * const json = sequential({ layers: [new Twice({ inputShape: [1] })] }).toJSON();
 * (await modelFromJSON(json)).predict(tensor2d([[3]])).print();  // [[6]]
 */
export function registerClass<C extends SerializableClass>(cls: C, pkg = 'Custom', name?: string): C {
  const { className } = cls;
  if (className === undefined || className === null) {
    throw new TypeError('registerClass: Class being registered does not have the static className property defined.');
  }
  if (typeof className !== 'string') {
    throw new TypeError(`registerClass: className is required to be a string, but got type ${typeof className}`);
  }
  if (className === '') {
    throw new TypeError(
      'registerClass: Class being registered has an empty-string as its className, which is disallowed.',
    );
  }
  classNameMap[className] = [cls, cls.fromConfig];
  classNameMap[`${pkg}>${name ?? className}`] = [cls, cls.fromConfig];
  return cls;
}
