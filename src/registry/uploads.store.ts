/** How many rows there are, each a query of one number to stand inside another. */
export const uploadCounts = { uploads: 'SELECT COUNT(*) FROM uploads' };
