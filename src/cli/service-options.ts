// Owns the options by which a command finds the service and its key: option > environment > the development key that
// `npm start` leaves in its data folder.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CommandFailure } from './command-failure.ts';

export type ServiceOptions = { readonly service: string; readonly key?: string; readonly data: string };

export function addServiceOptions(command: Command): Command {
  return command
    .addOption(new Option('--service <url>', 'where the service answers').default('http://127.0.0.1:4400'))
    .addOption(
      new Option('--key <key>', 'an API key it accepts (default: the development key)').env('THROUGHLINE_API_KEY'),
    )
    .addOption(
      new Option('--data <folder>', 'where `npm start` keeps its development key')
        .env('THROUGHLINE_DATA')
        .default('.throughline'),
    );
}

/** Throws CommandFailure when there is no key anywhere. */
export async function keyOf({ key, data }: ServiceOptions): Promise<string> {
  if (key) return key;
  const file = join(data, 'api-key');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new CommandFailure(
      `No API key: ${file} cannot be read. Start the service with \`npm start\`, or give --key or THROUGHLINE_API_KEY.`,
      { cause },
    );
  }
}

/** For commander: a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}
