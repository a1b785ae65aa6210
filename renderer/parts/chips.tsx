import { Chip, Group } from '@mantine/core';

/** Some of a few things, each on or off. `locked` ones cannot be changed here. */
export function Chips({
  label,
  options,
  chosen,
  onChange,
  locked,
}: {
  readonly label: string;
  readonly options: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
  readonly locked?: readonly string[];
}) {
  return (
    <div role="group" aria-label={label}>
      <Chip.Group multiple value={[...chosen]} onChange={onChange}>
        <Group gap="xs">
          {options.map((option) => (
            <Chip
              key={option}
              value={option}
              size="sm"
              radius="sm"
              variant="outline"
              disabled={locked?.includes(option) ?? false}
            >
              {option}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </div>
  );
}
