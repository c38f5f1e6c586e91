import { asCustomProperties, dark, light } from './palette.ts';

const sans = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';
const serif = 'Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif';
const mono = 'ui-monospace,"Cascadia Code",Menlo,Consolas,"DejaVu Sans Mono",monospace';

/** Verdicts by hue; a sign and a word say the same. */
const verdictsLight = '--yes:#00694e;--no:#a83c00;--undecided:#5a6472';
const verdictsDark = '--yes:#4fd3ad;--no:#ff9a63;--undecided:#a0a9b5';

/** The style sheet of the report: one column of text, figures in two where there is room, light on paper. */
export const reportStyle = `
:root{color-scheme:light dark;${asCustomProperties(light)};${verdictsLight}}
@media screen and (prefers-color-scheme:dark){:root{${asCustomProperties(dark)};${verdictsDark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.6 ${serif}}
main,header,footer{max-width:68.75rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:3rem}
p,dl{max-width:44rem}
p{margin:.75rem 0;overflow-wrap:break-word}
h1,h2,h3,nav,dl,table,figcaption,.when,.commands,footer{font-family:${sans}}
h1{font-size:clamp(1.6rem,1.2rem + 2vw,2.25rem);line-height:1.2;letter-spacing:-.015em;margin:0;text-wrap:balance}
h2{font-size:1.35rem;line-height:1.3;margin:3.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--rule);text-wrap:balance}
.when{color:var(--muted);font-size:.875rem;margin:.5rem 0 1.5rem}
.lead{font-size:1.1875rem;line-height:1.55}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem;margin:1.5rem 0;padding:.85rem 1.1rem;background:var(--panel);border-radius:6px;font-size:.875rem;line-height:1.45}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;padding:0;margin:1.5rem 0 0;font-size:.9375rem}
a{color:var(--accent);text-underline-offset:.2em;text-decoration-thickness:1px}
a:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
figure{margin:1.75rem 0}
figcaption{color:var(--muted);font-size:.875rem;line-height:1.45;margin-bottom:.5rem;max-width:44rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),30rem));gap:2rem 2.25rem;margin:1.5rem 0}
.charts>*{display:block;width:100%;height:auto;min-width:0}
.scroll{overflow-x:auto;background:linear-gradient(to right,var(--paper) 1rem,transparent) 0 0/2rem 100% no-repeat local,linear-gradient(to left,var(--paper) 1rem,transparent) 100% 0/2rem 100% no-repeat local,linear-gradient(to right,var(--rule),transparent) 0 0/.6rem 100% no-repeat scroll,linear-gradient(to left,var(--rule),transparent) 100% 0/.6rem 100% no-repeat scroll}
table{border-collapse:collapse;font-size:.875rem;line-height:1.4;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.5rem 1.5rem .5rem 0;border-bottom:1px solid var(--rule)}
th:last-child,td:last-child{padding-right:0}
.scroll td,.scroll th{white-space:nowrap}
.scroll th.long{white-space:normal;min-width:7rem;text-wrap:balance}
.scroll td.long{white-space:normal;min-width:16rem}
thead th{color:var(--muted);font-weight:500;vertical-align:bottom;border-bottom-color:var(--muted)}
tbody th{font-weight:500}
.number{text-align:right}
.claims{width:100%}
.claims td:nth-child(2){min-width:14rem}
.held{font-weight:600;white-space:nowrap}
.held.yes{color:var(--yes)}.held.no{color:var(--no)}.held.undecided{color:var(--undecided)}
.rule{display:block;color:var(--muted);font-size:.8125rem;font-weight:400;margin-top:.25rem}
.commands p{color:var(--muted);font-size:.875rem;margin:0 0 .35rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:.75rem 1rem;background:var(--panel);border-radius:6px;font:.8125rem/1.6 ${mono}}
footer{color:var(--muted);font-size:.8125rem;margin-top:4rem;padding-bottom:3rem}
@media (max-width:44rem){
body{font-size:1rem}
header{padding-top:1.75rem}
.lead{font-size:1.0625rem}
dl{grid-template-columns:1fr;gap:0}dd+dt{margin-top:.5rem}
h2{margin-top:2.5rem}
.claims thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.claims,.claims tbody,.claims tr,.claims th,.claims td{display:block}
.claims tr{padding:.9rem 0;border-bottom:1px solid var(--rule)}
.claims th,.claims td{border:0;padding:.12rem 0;text-align:left}
.claims tbody th{font-size:1rem;line-height:1.4;margin-bottom:.35rem}
.claims td{display:grid;grid-template-columns:5.5rem 1fr}
.claims td::before{content:attr(data-label);color:var(--muted);font-weight:400}
}
@media print{
@page{margin:16mm}
body{font-size:10pt}
main,header,footer{max-width:none;padding:0}
nav{display:none}
h2{break-after:avoid}
figure,.charts>*,.claims tr,.commands{break-inside:avoid}
.charts{grid-template-columns:1fr 1fr;gap:8mm}
.scroll{overflow:visible;background:none}
pre{border:1px solid var(--rule)}
.scroll td,.scroll th{white-space:normal;padding-right:3mm}
}
`.trim();
