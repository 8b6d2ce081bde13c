/** Who may pull without a grant: nobody, everyone signed in, everyone. */
export const visibilities = ['private', 'internal', 'public'] as const;
export type Visibility = (typeof visibilities)[number];
