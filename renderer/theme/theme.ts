import {
  Badge,
  Button,
  Checkbox,
  createTheme,
  type CSSVariablesResolver,
  Input,
  Modal,
  Radio,
  rem,
  Tooltip,
} from '@mantine/core';

/** The one theme: 13–14 px text, a 4 px grid, motion of at most 150 ms. Sizes are in rem, so that all of it follows the reader's text size. */
export const theme = createTheme({
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(14), lg: rem(16), xl: rem(18) },
  spacing: { xs: rem(4), sm: rem(8), md: rem(12), lg: rem(16), xl: rem(24) },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: rem(18), lineHeight: '1.4' },
      h2: { fontSize: rem(15), lineHeight: '1.4' },
      h3: { fontSize: rem(14), lineHeight: '1.4' },
    },
  },
  primaryColor: 'blue',
  // The shades that keep 4.5:1 under white text.
  primaryShade: 9,
  autoContrast: true,
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // What explains a field is read as often as the field.
    InputWrapper: Input.Wrapper.extend({
      styles: { error: { fontSize: rem(12) }, description: { fontSize: rem(12) }, label: { fontWeight: 500 } },
    }),
    Radio: Radio.extend({ styles: { label: { fontSize: rem(13) }, description: { fontSize: rem(12) } } }),
    Button: Button.extend({ defaultProps: { size: 'compact-md', variant: 'default', fw: 500 } }),
    Badge: Badge.extend({ defaultProps: { variant: 'outline', color: 'gray', tt: 'none', fw: 500 } }),
    // The box itself is small; what can be hit is 24 px.
    Checkbox: Checkbox.extend({
      defaultProps: { size: 'xs' },
      styles: { input: { cursor: 'pointer' }, inner: { margin: rem(4) } },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        openDelay: 300,
        transitionProps: { duration: 100 },
        multiline: true,
        maw: rem(360),
        withArrow: true,
        events: { hover: true, focus: true, touch: true },
      },
    }),
    Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 120 }, centered: true } }),
  },
});

/** Mantine's own surfaces and texts in the page's colours, so that there is one grey and one ground. */
export const resolveVariables: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--mf-ground)',
    '--mantine-color-text': 'var(--mf-ink)',
    '--mantine-color-dimmed': 'var(--mf-ink-dim)',
    '--mantine-color-placeholder': 'var(--mf-ink-dim)',
    '--mantine-color-error': 'var(--mf-down)',
    '--mantine-color-anchor': 'var(--mf-running)',
    '--mantine-color-default-border': 'var(--mf-line)',
  };
  return { variables: {}, light: both, dark: both };
};
