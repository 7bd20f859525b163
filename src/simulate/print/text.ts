/** The printf pieces that the printer needs. */

/** `%*d`: right-aligned in `width` columns. */
export const right = (value: number | string, width: number): string => String(value).padStart(width);

/** `%-*s`: left-aligned in `width` columns. */
export const left = (value: string, width: number): string => value.padEnd(width);

/** `%0*x` without 0x. */
export const hex = (value: number, width = 0): string => value.toString(16).padStart(width, '0');

export const yesNo = (value: boolean | undefined): string => (value ? 'yes' : 'no');
