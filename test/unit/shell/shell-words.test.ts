import { expect, test } from 'vitest';
import { languageFor } from '../../../preload/contract/language.ts';
import { problemIn, taskTitle } from '../../../main/shell/shell-words.ts';

const locked = {
  code: 'vault-locked',
  message: 'The vault is locked.',
  hint: 'Open it with mirrorfleet vault unlock.',
  retryable: false,
};

test('a problem is said in the language of the tray, and in its own words where that has none', () => {
  expect(problemIn(locked, 'zh-CN').message).toMatch(/[\u4e00-\u9fff]/);
  expect(problemIn({ ...locked, code: 'never-heard-of' }, 'zh-CN').message).toBe(locked.message);
});

test('a job is called as the core calls it in English, and by its kind in Chinese', () => {
  const task = { kind: 'switch', subject: 'docker', title: 'Switch docker to tokyo' } as const;
  expect(taskTitle(task, 'en')).toBe('Switch docker to tokyo');
  expect(taskTitle(task, 'zh-CN')).toBe('切换 docker');
});

test('the system speaks Chinese in any of its forms, and English where we know none of its languages', () => {
  expect(languageFor('system', ['fr-FR', 'zh-Hans-CN'])).toBe('zh-CN');
  expect(languageFor('system', ['fr-FR'])).toBe('en');
});
