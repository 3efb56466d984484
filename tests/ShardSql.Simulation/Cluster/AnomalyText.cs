using System.Globalization;
using System.Runtime.CompilerServices;

namespace ShardSql.Simulation.Cluster;

/// <summary>The text of an anomaly, put together only where there is one: checks run after each turn of each node.</summary>
[InterpolatedStringHandler]
internal ref struct AnomalyText
{
    private DefaultInterpolatedStringHandler _text;

    public AnomalyText(int literalLength, int formattedCount, bool holds, out bool isWanted)
    {
        isWanted = !holds;
        _text = holds ? default
            : new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
