/** The fields of a parse tree that hold an offset in the text. `-1` means unknown. */
export const locationFields: ReadonlySet<string> = new Set([
  'location',
  'list_start',
  'list_end',
  'rexpr_list_start',
  'rexpr_list_end',
  'name_location',
]);
