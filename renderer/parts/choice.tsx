import { SegmentedControl } from '@mantine/core';

/** A few ways to see something, of which one is chosen: a span, a form, a theme. `label` names it for who cannot see it. */
export function Choice<Value extends string>({
  label,
  value,
  options,
  onChoose,
  className,
}: {
  readonly label: string;
  readonly value: Value;
  /** Each value with how it is called, in order. */
  readonly options: readonly (readonly [value: Value, name: string])[];
  readonly onChoose: (value: Value) => void;
  readonly className?: string | undefined;
}) {
  function choose(text: string): void {
    const found = options.find(([each]) => each === text);
    if (found) onChoose(found[0]);
  }
  return (
    <SegmentedControl
      className={className}
      size="xs"
      aria-label={label}
      value={value}
      onChange={choose}
      data={options.map(([each, name]) => ({ value: each, label: name }))}
      transitionDuration={100}
    />
  );
}
