import { z } from 'zod';
import { imageSourceSchema } from './node.ts';

/** How often the fleet is looked at: cached images, and what asks an upstream. Seconds. */
export const watchSettingsSchema = z.object({
  everySeconds: z.int().min(5).max(3600),
  upstreamEverySeconds: z.int().min(60).max(86_400),
});
export type WatchSettings = z.infer<typeof watchSettingsSchema>;

/** How long measurements and the journal are kept, in days; raw samples become five-minute ones after 48 hours. */
export const keepSettingsSchema = z.object({
  historyDays: z.int().min(1).max(3650),
  activityDays: z.int().min(1).max(3650),
});
export type KeepSettings = z.infer<typeof keepSettingsSchema>;

export const settingsSchema = z.object({
  images: z.object({ registry: imageSourceSchema, envoy: imageSourceSchema }),
  vault: z.enum(['undecided', 'keychain', 'passphrase', 'key-file']),
  watch: watchSettingsSchema,
  keep: keepSettingsSchema,
});
export type Settings = z.infer<typeof settingsSchema>;

/** Some of the settings: what one change is about. */
export const settingsPartSchema = settingsSchema.partial();
export type SettingsPart = z.infer<typeof settingsPartSchema>;

/** Whether secrets wait for the passphrase that this run of the core was not given yet. */
export const vaultViewSchema = z.object({ vault: settingsSchema.shape.vault, locked: z.boolean() });
export type VaultView = z.infer<typeof vaultViewSchema>;
