using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace ShardSql.Bank;

/// <summary>Throughput over time as SVG, with the moves marked below and the kill above.</summary>
internal static class Chart
{
    private const int Width = 960;
    private const int Height = 320;
    private const int Margin = 56;
    private const int Ticks = 4;

    /// <summary>Draws.</summary>
    /// <param name="ended">When transactions ended, s from the beginning.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="stepSeconds">What one point stands for.</param>
    /// <param name="moves">When rows moved: from, to, s.</param>
    /// <param name="kill">When a leader was killed, s.</param>
    public static string Draw(
        IReadOnlyList<double> ended, double seconds, double stepSeconds, IReadOnlyList<(double From, double To)> moves, double kill)
    {
        double[] rates = new double[Math.Max(1, (int)(seconds / stepSeconds))];
        foreach (double at in ended)
        {
            int step = (int)(at / stepSeconds);
            if (step < rates.Length)
            {
                rates[step] += 1 / stepSeconds;
            }
        }

        double top = Math.Max(1, rates.Max()) * 1.1;
        double X(double s) => Margin + (s / seconds * (Width - (2 * Margin)));
        double Y(double rate) => Height - Margin - (rate / top * (Height - (2 * Margin)));
        var svg = new StringBuilder();
        void Line(FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"11\">");
        Line($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        foreach ((double from, double to) in moves)
        {
            Line($"<rect x=\"{X(from):0.0}\" y=\"{Margin}\" width=\"{Math.Max(0.6, X(to) - X(from)):0.0}\" height=\"{Height - (2 * Margin)}\" fill=\"#f2c14e\" fill-opacity=\"0.35\"/>");
        }

        for (int tick = 0; tick <= Ticks; tick++)
        {
            double rate = top * tick / Ticks;
            double second = seconds * tick / Ticks;
            Line($"<line x1=\"{Margin}\" x2=\"{Width - Margin}\" y1=\"{Y(rate):0.0}\" y2=\"{Y(rate):0.0}\" stroke=\"#ddd\"/>");
            Line($"<text x=\"{Margin - 6}\" y=\"{Y(rate) + 4:0.0}\" text-anchor=\"end\">{rate:0}</text>");
            Line($"<text x=\"{X(second):0.0}\" y=\"{Height - Margin + 16}\" text-anchor=\"middle\">{second:0} s</text>");
        }

        string points = string.Join(' ', rates.Select((rate, i) => string.Create(
            CultureInfo.InvariantCulture, $"{X((i + 0.5) * stepSeconds):0.0},{Y(rate):0.0}")));
        Line($"<polyline points=\"{points}\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"1.5\"/>");
        Line($"<line x1=\"{X(kill):0.0}\" x2=\"{X(kill):0.0}\" y1=\"{Margin}\" y2=\"{Height - Margin}\" stroke=\"#c0392b\" stroke-dasharray=\"4 3\"/>");
        Line($"<text x=\"{X(kill) + 4:0.0}\" y=\"{Margin - 6}\" fill=\"#c0392b\">leader killed</text>");
        Line($"<text x=\"{Margin}\" y=\"{Margin - 24}\" font-size=\"14\">Transactions per second while RESHARD BY GRAPH moves rows (yellow)</text>");
        svg.AppendLine("</svg>");
        return svg.ToString();
    }
}
