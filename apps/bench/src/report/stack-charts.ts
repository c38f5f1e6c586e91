/** Puts drawings made by `lineChart` below one another, into one. */
export function stackCharts(charts: readonly string[]): string {
  let height = 0;
  let width = 0;
  const placed = charts.map((chart) => {
    const [, w, h] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(chart)?.map(Number) ?? [];
    if (w === undefined || h === undefined)
      throw new RangeError('stackCharts: charts must have a viewBox from 0 0');
    const y = height;
    height += h;
    width = Math.max(width, w);
    return chart.replace('<svg ', `<svg y="${y}" width="${w}" height="${h}" `);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">${placed.join('')}</svg>`;
}
