import { SettingsStore } from '../../main/store/settings.ts';
import { VaultAccess } from '../../main/store/vault-access.ts';
import { Vault } from '../../main/store/vault.ts';

// node forget-secret.ts CONFIG-FOLDER NAME   takes a secret out of the vault, as if its time had come: the next command that needs it makes a new one.
const [folder = '', name = ''] = process.argv.slice(2);
new VaultAccess(new Vault(folder), new SettingsStore(folder), folder).open().remove(name);
