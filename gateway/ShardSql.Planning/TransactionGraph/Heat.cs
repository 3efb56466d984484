namespace ShardSql.Planning.TransactionGraph;

/// <summary>How often something is touched, per second, recent times counting more.</summary>
/// <param name="Reads">Reads by committed transactions.</param>
/// <param name="Writes">Writes by committed transactions.</param>
/// <param name="Aborts">Touches by transactions that were rolled back.</param>
public readonly record struct Heat(double Reads, double Writes, double Aborts)
{
    /// <summary>Touches of all kinds.</summary>
    public double Total => Reads + Writes + Aborts;
}
