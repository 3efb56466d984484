using System;
using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Simulation.Checking;

/// <summary>Something that must not happen, by its name in the literature, and who did it.</summary>
public sealed record Anomaly(string Kind, string Explanation);

/// <summary>What a history shows.</summary>
/// <param name="Anomalies">All finds.</param>
/// <param name="ObservedPercent">Acknowledged appends that some read saw.</param>
public sealed record HistoryReport(IReadOnlyList<Anomaly> Anomalies, int ObservedPercent)
{
    /// <summary>Below this a history says nothing.</summary>
    public const int ObservedPercentMin = 90;

    /// <summary>Whether enough was observed for "no anomaly" to mean anything.</summary>
    public bool IsMeaningful => ObservedPercent >= ObservedPercentMin;

    /// <summary>Whether there is a serial order, as far as was observed.</summary>
    public bool IsSerializable => Anomalies.All(
        anomaly => anomaly.Kind.EndsWith("-process", StringComparison.Ordinal)
            || anomaly.Kind.EndsWith("-realtime", StringComparison.Ordinal));

    /// <summary>Whether sessions keep their order too.</summary>
    public bool IsSessionSerializable =>
        Anomalies.All(anomaly => anomaly.Kind.EndsWith("-realtime", StringComparison.Ordinal));

    /// <summary>Whether real time is respected.</summary>
    public bool IsStrict => Anomalies.Count == 0;
}
