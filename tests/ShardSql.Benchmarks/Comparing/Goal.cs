using System.Globalization;

namespace ShardSql.Benchmarks.Comparing;

/// <summary>The ratio that design/performance.md asks for.</summary>
internal readonly record struct Goal(double Bound, bool IsUpperBound)
{
    public static Goal AtMost(double bound) => new(bound, IsUpperBound: true);

    public static Goal AtLeast(double bound) => new(bound, IsUpperBound: false);

    public bool IsMetBy(double ratio) => IsUpperBound ? ratio <= Bound : ratio >= Bound;

    public override string ToString() =>
        (IsUpperBound ? "<= " : ">= ") + Bound.ToString("0.00", CultureInfo.InvariantCulture);
}
