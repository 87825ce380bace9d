using System.Globalization;
using System.Text;

namespace Wspy.Benchmarks.Compression;

/// <summary>One setting on one kind of messages.</summary>
internal sealed record CorpusPoint(string Corpus, int Level, bool Context, double Ratio, double Microseconds);

/// <summary>Ratio over time as SVG: a line for each kind of messages, a point for each level; dashed without context.</summary>
internal static class CorpusPlot
{
    private const int Width = 760;
    private const int Height = 440;
    private const int Left = 60;
    private const int Bottom = 50;
    private const int Top = 40;
    private const int Right = 190;

    private static readonly string[] Colours = ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700"];

    public static string Draw(IReadOnlyList<CorpusPoint> points)
    {
        double mostTime = points.Max(point => point.Microseconds) * 1.05;
        double mostRatio = Math.Ceiling(points.Max(point => point.Ratio));
        double X(double time) => Left + (time / mostTime * (Width - Left - Right));
        double Y(double ratio) => Height - Bottom - (ratio / mostRatio * (Height - Bottom - Top));
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12" role="img" aria-label="Ratio over time by level">""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect width="{Width}" height="{Height}" fill="#ffffff"/>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Left}" y="22" font-size="14">Ratio over time per message: levels 1, 4, 6, 9; window 15, memory level 8</text>""");
        for (int ratio = 0; ratio <= mostRatio; ratio++)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<path d="M{Left} {Y(ratio):F1}H{Width - Right}" stroke="#d0d7de"/><text x="{Left - 8}" y="{Y(ratio) + 4:F1}" text-anchor="end">{ratio} ×</text>""");
        }

        double step = mostTime > 60 ? 20 : mostTime > 25 ? 10 : 5;
        for (double time = 0; time <= mostTime; time += step)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{X(time):F1}" y="{Height - Bottom + 20}" text-anchor="middle">{time:F0} µs</text>""");
        }

        int row = 0;
        foreach (IGrouping<(string Corpus, bool Context), CorpusPoint> line in points.GroupBy(point => (point.Corpus, point.Context)))
        {
            string colour = Colours[row / 2 % Colours.Length];
            string dashes = line.Key.Context ? "" : " stroke-dasharray=\"5 4\"";
            string path = string.Join('L', line.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.Microseconds):F1} {Y(point.Ratio):F1}")));
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>""");
            foreach (CorpusPoint point in line)
            {
                svg.AppendLine(CultureInfo.InvariantCulture, $"""<circle cx="{X(point.Microseconds):F1}" cy="{Y(point.Ratio):F1}" r="3" fill="{colour}"/><text x="{X(point.Microseconds) + 5:F1}" y="{Y(point.Ratio) - 5:F1}" font-size="10" fill="{colour}">{point.Level}</text>""");
            }

            int y = Top + 10 + (row * 20);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<path d="M{Width - Right + 15} {y}h24" stroke="{colour}" stroke-width="2"{dashes}/><text x="{Width - Right + 45}" y="{y + 4}">{line.Key.Corpus}{(line.Key.Context ? "" : ", no context")}</text>""");
            row++;
        }

        return svg.AppendLine("</svg>").ToString();
    }
}
