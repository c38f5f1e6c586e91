/** Colours of the report by role; text on paper has a contrast of at least 4.5:1, lines at least 3:1, in both. */
export type Colours = Record<'paper' | 'panel' | 'ink' | 'muted' | 'rule' | 'accent', string> & {
  readonly series: readonly string[];
};

/**
 * The series are in the hues and the order that Okabe and Ito chose for colour-blind readers (blue, vermilion, bluish
 * green, reddish purple, orange, grey), their lightness changed for lines on each paper.
 *
 * @see Okabe and Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/
 */
export const light: Colours = {
  paper: '#ffffff',
  panel: '#f5f6f8',
  ink: '#1b2028',
  muted: '#5a6472',
  rule: '#dde1e6',
  accent: '#0b62a3',
  series: ['#0b6bb0', '#cc4e00', '#008563', '#a8478a', '#9c7000', '#5f6b7a'],
};

/** The same on dark paper. */
export const dark: Colours = {
  paper: '#14171c',
  panel: '#1d2127',
  ink: '#e6e9ed',
  muted: '#a0a9b5',
  rule: '#343a43',
  accent: '#74b9ec',
  series: ['#5bb0ec', '#ff8c4d', '#35c9a0', '#e69ccb', '#e0b13c', '#a8b2bf'],
};

/** Every colour as a CSS custom property: `--ink: #1b2028; … --series-0: …`. */
export function asCustomProperties({ series, ...roles }: Colours): string {
  return [
    ...Object.entries(roles).map(([role, colour]) => `--${role}:${colour}`),
    ...series.map((colour, index) => `--series-${index}:${colour}`),
  ].join(';');
}
