/**
 * The style sheet of all pages. Pages allow no other, so that nothing in them may have a `style` of its own. Marks are no text: a
 * screen reader has the word that stands beside them (`content` with an empty text, for browsers that know it).
 */
export const pageStyle = `
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--ink:#1d2126;--quiet:#626a73;--line:#e3e4e1;--soft:#f1f2ef;--link:#1f5fa8;
--ok:#3b7d4f;--change:#9a5b00;--change-bg:#fdf0d8;--bad:#b3261e;--bad-bg:#fde7e4;--out:#7a3fa0;--out-bg:#f2e6f8;--held:#2b5f8f;--held-bg:#e3eef8;
--del:#fdebe9;--del-b:#f6bdb6;--ins:#e6f5e9;--ins-b:#aedfb9;--bar:#7b9ec4;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#15181b;--card:#1c2024;--ink:#e3e6e8;--quiet:#9aa3ab;--line:#31373d;--soft:#23282d;--link:#8ab8ef;
--ok:#7cc08f;--change:#f0b95b;--change-bg:#3d2f14;--bad:#ff9a90;--bad-bg:#451f1c;--out:#d3a4ee;--out-bg:#382344;--held:#96c2ec;--held-bg:#1c3147;
--del:#3b2120;--del-b:#7a3732;--ins:#1c3323;--ins-b:#2f6b41;--bar:#5c83ad}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;overflow-wrap:break-word}
main{max-width:88rem;margin:0 auto;padding:1.5rem clamp(.75rem,3vw,2.5rem) 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:.1rem 0 .4rem;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.05rem;margin:2.2rem 0 .7rem;font-weight:650}
h4{margin:.8rem 0 .2rem;font-size:.8rem;color:var(--quiet);font-weight:600}
p{margin:.35rem 0}
a{color:var(--link)}
code,pre,.grid th,.sides,.chart th,.recap th{font-family:var(--mono);font-size:.86em}
code{overflow-wrap:anywhere}
pre{margin:.4rem 0;padding:.6rem .8rem;background:var(--soft);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
ul{margin:.35rem 0;padding-left:1.2rem}
:focus-visible{outline:2px solid var(--link);outline-offset:1px;border-radius:3px}
.vh,.grid i,.skip:not(:focus){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:.5rem;top:.5rem;background:var(--card);padding:.3rem .6rem}
.quiet,.about,.kind{color:var(--quiet)}
.about{font-size:.88rem;margin:.15rem 0}
.kind{margin:0;font-size:.8rem;text-transform:uppercase;letter-spacing:.08em}
.verdict{font-size:1.05rem;font-weight:600;margin:.2rem 0 .6rem}
.verdict::before{content:"";display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.5em;background:currentColor}
.good{color:var(--ok)}.news{color:var(--change)}.bad{color:var(--bad)}
.tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:1.2rem 0 0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.5rem .9rem;min-width:5.5rem;display:flex;flex-direction:column-reverse}
.tiles dd{margin:0;font-size:1.45rem;font-weight:600;line-height:1.2;font-variant-numeric:tabular-nums}
.tiles dt{font-size:.8rem;color:var(--quiet)}
.changed dd,.may dd{color:var(--change)}.failed dd{color:var(--bad)}.unreachable dd{color:var(--out)}.held dd{color:var(--held)}
.filters{display:flex;flex-wrap:wrap;gap:.5rem .9rem;align-items:center;margin:1.6rem 0 -1rem;padding:.6rem .8rem;background:var(--card);border:1px solid var(--line);border-radius:8px;font-size:.88rem}
.filters[hidden]{display:none}
.filters label{display:inline-flex;gap:.4rem;align-items:center;color:var(--quiet)}
.filters fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem .8rem}
.filters legend{float:left;margin-right:.8rem;padding:0;color:var(--quiet)}
.filters .chip{color:var(--ink)}
.filters output{color:var(--quiet);margin-left:auto}
input[type=search],select,button{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:.2rem .5rem;max-width:100%}
input[type=search]{width:10rem}
button{cursor:pointer;padding:.2rem .8rem}
.scroll{overflow:auto;border:1px solid var(--line);border-radius:8px;background:var(--card)}
#grid{max-height:78vh}
table{border-collapse:separate;border-spacing:0}
.grid th{font-weight:400;text-align:left}
.grid thead th{position:sticky;top:0;z-index:2;background:var(--card);vertical-align:bottom;border-bottom:1px solid var(--line);padding:.4rem 0}
.grid thead th+th span{display:block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:11rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;line-height:1.75rem;width:1.75rem}
.grid tr>th:first-child{position:sticky;left:0;z-index:1;background:var(--card);border-right:1px solid var(--line);padding:0 .8rem}
.grid thead th:first-child{z-index:3;color:var(--quiet)}
.grid tbody tr>th span{display:block;width:clamp(9rem,30vw,26rem);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;line-height:1.75rem}
.grid .play th{font-family:inherit;font-weight:600;background:var(--soft)!important;border:0!important}
.grid .play th span{position:sticky;left:.8rem;display:inline-block;width:auto}
.grid td{width:1.75rem;min-width:1.75rem;height:1.75rem;padding:0;text-align:center;line-height:1.75rem;position:relative}
.grid tbody tr:hover th,.grid tbody tr:hover td{background-color:var(--soft)}
.grid td a{display:block;text-decoration:none;border-radius:5px;margin:2px;line-height:calc(1.75rem - 4px)}
.grid td a:hover{box-shadow:0 0 0 2px currentColor}
.grid .o::before,.key .o i::before{content:"·"}
.grid .s::before,.key .s i::before{content:"–"}
.grid .c::before,.key .c i::before{content:"●"}
.grid .m::before,.key .m i::before{content:"○"}
.grid .f::before,.grid .i::before,.key .f i::before,.key .i i::before{content:"✕"}
.grid .u::before,.key .u i::before{content:"⊘"}
.grid .l::before,.key .l i::before{content:"‖"}
.grid .o,.key .o i{color:var(--ok)}
.grid .s,.key .s i{color:var(--quiet)}
.grid .c,.grid .m,.grid .i,.key .c i,.key .m i,.key .i i{background:var(--change-bg);color:var(--change)}
.grid .f,.key .f i{background:var(--bad-bg);color:var(--bad)}
.grid .u,.key .u i{background:var(--out-bg);color:var(--out)}
.grid .l,.key .l i{background:var(--held-bg);color:var(--held)}
.grid a.o,.grid a.s{background:var(--soft)}
.key{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;font-size:.82rem;color:var(--quiet);margin:.5rem .2rem}
.key span{position:static;display:inline-flex;gap:.4rem;align-items:center}
.key i{font-style:normal;display:inline-block;width:1.3rem;line-height:1.3rem;text-align:center;border-radius:4px}
.told{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:.5rem 0}
.told[hidden]{display:none}
.told>summary{padding:.5rem .8rem;cursor:pointer;display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}
.told>summary::before{content:"▸";color:var(--quiet);width:.7em}
.told[open]>summary::before{content:"▾"}
.told>summary::-webkit-details-marker{display:none}
.told .what{font-family:var(--mono);font-size:.86em;flex:1 1 14rem;min-width:0;overflow-wrap:anywhere}
.told .where{color:var(--quiet);font-size:.88rem}
.body{padding:.1rem .9rem .8rem;scroll-margin-top:1rem}
.body:focus{outline:none}
.badge{font-size:.78rem;font-weight:600;padding:.05rem .5rem;border-radius:10px;background:var(--soft);color:var(--quiet);white-space:nowrap}
.badge.changed,.badge.may,.badge.ignored,.badge.rescued{background:var(--change-bg);color:var(--change)}
.badge.failed{background:var(--bad-bg);color:var(--bad)}
.badge.unreachable{background:var(--out-bg);color:var(--out)}
.badge.held,.badge.gone{background:var(--held-bg);color:var(--held)}
.error{font-weight:600;white-space:pre-wrap}
.hosts{font-size:.88rem;color:var(--quiet);margin:.1rem 0}
.hosts code{color:var(--ink)}
.changes del,.changes ins{text-decoration:none;font-family:var(--mono);font-size:.86em}
.changes del{color:var(--quiet)}
.diff{margin:.7rem 0}
.diff figcaption{margin-bottom:.25rem}
.diff pre{margin:0;border-radius:0;white-space:pre;width:max-content;min-width:100%;overflow-wrap:normal}
.diff pre.new{background:var(--ins)}.diff pre.old{background:var(--del)}
.diff .scroll{max-height:36rem}
.sides{width:100%;table-layout:fixed;line-height:1.45;tab-size:4}
.sides td{padding:0 .6rem;white-space:pre-wrap;overflow-wrap:anywhere;vertical-align:top}
.sides .n{width:3.4rem}
.sides td:nth-child(odd){text-align:right;color:var(--quiet);user-select:none;padding:0 .5rem}
.sides tr>:nth-child(3){border-left:1px solid var(--line)}
.sides .h td{color:var(--quiet);background:var(--soft);text-align:left;padding:.1rem .6rem}
.sides .del{background:var(--del)}.sides .ins{background:var(--ins)}.sides .none{background:var(--soft)}
.sides del,.sides ins{text-decoration:none}
.sides del b{background:var(--del-b);font-weight:400;border-radius:2px}.sides ins b{background:var(--ins-b);font-weight:400;border-radius:2px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem 2rem;align-items:start}
.chart{width:100%;table-layout:fixed}
.chart caption{text-align:left;font-weight:600;padding-bottom:.3rem}
.chart caption .quiet{font-weight:400;font-size:.85rem}
.chart th{font-weight:400;text-align:left;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;padding:.12rem .6rem .12rem 0}
.chart .name{width:45%}.chart .value{width:5.5rem}
.chart td:last-child{text-align:right;font-variant-numeric:tabular-nums;color:var(--quiet);font-size:.85rem}
.chart svg{display:block;width:100%;height:.75rem}
.bar{fill:var(--bar)}.middle{fill:var(--ink)}
.recap th,.recap td,.list th,.list td{padding:.2rem .8rem;text-align:right;font-variant-numeric:tabular-nums}
.recap th:first-child{text-align:left}
.recap thead th,.list thead th{color:var(--quiet);font-weight:400;border-bottom:1px solid var(--line);font-family:inherit}
.recap tbody th{font-weight:400}
.zero{color:var(--line)}
.list{width:100%}
.list th,.list td{text-align:left;vertical-align:top;padding:.3rem .8rem;border-bottom:1px solid var(--line);font-weight:400}
.list tr:last-child>*{border-bottom:0}
.list .number{text-align:right}
time{white-space:nowrap}
.find{margin:.6rem 0 .9rem}
nav{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:.6rem 0 1rem;font-size:.92rem}
nav a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}
.doing{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.4rem .9rem;margin:1rem 0 0}
dialog{border:1px solid var(--line);background:var(--bg);color:inherit;padding:0;border-radius:10px;width:min(64rem,94vw);max-height:88vh;overflow:auto;box-shadow:0 12px 48px #0005}
dialog::backdrop{background:#0007}
dialog form{position:sticky;top:0;z-index:4;display:flex;gap:1rem;justify-content:space-between;align-items:start;padding:.7rem 1rem;background:var(--bg);border-bottom:1px solid var(--line)}
dialog h2{margin:0;font-size:1rem;overflow-wrap:anywhere}
@media (max-width:46rem){
body{font-size:14px}
h1{font-size:1.3rem}
.tiles div{padding:.35rem .7rem;min-width:4.6rem}
.tiles dd{font-size:1.2rem}
.filters label,.filters fieldset{width:100%}
.filters .chip{width:auto}
.filters input[type=search],.filters select{flex:1;width:auto;min-width:0}
.grid tbody tr>th span{width:38vw}
.grid tr>th:first-child{padding:0 .5rem}
.sides colgroup{display:none}
.sides,.sides tbody,.sides tr,.sides td{display:block;width:auto!important;border:0!important}
.sides tr{display:grid;grid-template-columns:3rem 1fr}
.sides .h{display:block}
.sides .s td:nth-child(n+3),.sides .none{display:none}
.list thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.list,.list tbody,.list tr,.list td,.list th{display:block;border:0;padding:0}
.list tr{padding:.5rem .8rem;border-bottom:1px solid var(--line)}
dialog{width:100vw;max-width:100vw;margin:auto 0 0;border-radius:12px 12px 0 0}
}
@media print{.filters,.skip,nav{display:none!important}#grid,.diff .scroll{max-height:none;overflow:visible}}
@media (forced-colors:active){.grid td a,.key i{border:1px solid}}
`.replace(/content:("[^"]+")/g, 'content:$1;content:$1/""');
