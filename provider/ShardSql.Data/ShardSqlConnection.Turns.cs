using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;

namespace ShardSql.Data;

/// <content>
/// ExecuteNonQueryAsync that is called again before it was awaited, as Dapper's Pipelined does: each runs when the one
/// before it has ended, well or not.
/// </content>
public sealed partial class ShardSqlConnection
{
    /// <summary>Commands that may wait for their turn.</summary>
    internal const int MaxTurns = 1024;

    private Task _lastTurn = Task.CompletedTask;
    private int _turns;

    /// <summary>Whether another one runs, or waits to run.</summary>
    internal bool HasTurnRunning => !_lastTurn.IsCompleted;

    /// <summary>Runs a command behind those that were handed over before it.</summary>
    internal Task<int> RunInTurnAsync(CommandWork work, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _turns) >= MaxTurns)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"{MaxTurns} commands of this connection were not awaited yet."));
        }

        Interlocked.Increment(ref _turns);
        Task<int> turn = RunBehindAsync(_lastTurn, work, cancellationToken);
        _lastTurn = turn;
        return turn;
    }

    private async Task<int> RunBehindAsync(Task before, CommandWork work, CancellationToken cancellationToken)
    {
        try
        {
            // Its error is for who awaits it.
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            return await CommandRunner.NonQueryAsync(this, work, commands: null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _turns);
        }
    }
}
