import './commands.test.ts';
