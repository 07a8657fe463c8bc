import { z } from 'zod';

/** The setting of the program that the service runs whenever an alarm begins or ends. */
export const ALARM_SETTINGS = {
  onAlarm: z
    .string()
    .regex(/^\/[^\0]+$/, 'must be the absolute path of a program; put arguments into a script')
    .optional()
    .meta({
      description: 'Program that the service runs once when an [alarm](admin.md#alarms) begins, and once when it ends',
      'x-default': 'off',
    }),
};
