using ShardSql.Transactions;

namespace ShardSql.Simulation.Directed;

/// <summary>A shard machine that is given its log by hand.</summary>
internal static class MachineEntries
{
    /// <summary>Applies a command as an entry of its own.</summary>
    public static ApplyResult ApplyEntry(this ShardMachine machine, Command command)
    {
        machine.BeginEntry(machine.Applied.Next);
        return machine.Apply(command);
    }
}
