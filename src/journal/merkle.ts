// Owns the Merkle tree of RFC 9162 §2.1 (the tree of RFC 6962) over SHA-256: a leaf and a node are hashed under different
// prefixes, so that neither can be passed off as the other. It takes its leaves one by one and keeps only the edge of the
// tree, so that a large seal is made in small steps.

import { hash } from 'node:crypto';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

type Subtree = { readonly leaves: number; readonly root: Buffer };

export class MerkleTree {
  /** Complete subtrees from left to right, each larger than the one after it. */
  readonly #edge: Subtree[] = [];

  add(leaf: Uint8Array): void {
    let right: Subtree = { leaves: 1, root: sha256(LEAF, leaf) };
    for (let left = this.#edge.at(-1); left?.leaves === right.leaves; left = this.#edge.at(-1)) {
      this.#edge.pop();
      right = { leaves: left.leaves + right.leaves, root: sha256(NODE, left.root, right.root) };
    }
    this.#edge.push(right);
  }

  /** The root of what was added so far; of nothing it is the hash of nothing. */
  root(): Uint8Array {
    const [last, ...others] = this.#edge.map(({ root }) => root).toReversed();
    return last ? others.reduce((right, left) => sha256(NODE, left, right), last) : sha256();
  }
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer');
}
