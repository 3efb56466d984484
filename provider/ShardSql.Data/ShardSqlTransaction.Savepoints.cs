using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;

namespace ShardSql.Data;

/// <content>Savepoints: what was done after one can be undone without the rest.</content>
public sealed partial class ShardSqlTransaction
{
    /// <inheritdoc />
    public override bool SupportsSavepoints => true;

    /// <inheritdoc />
    public override void Save(string savepointName) =>
        SyncFacade.Run(RunSavepointAsync("SAVEPOINT ", savepointName, CancellationToken.None), _connection.MaxPoolSize);

    /// <inheritdoc />
    public override Task SaveAsync(string savepointName, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : RunSavepointAsync("SAVEPOINT ", savepointName, cancellationToken).AsTask();

    /// <summary>Undoes what was done since the savepoint; also after a statement that failed.</summary>
    public override void Rollback(string savepointName) =>
        SyncFacade.Run(RunSavepointAsync(BackTo, savepointName, CancellationToken.None), _connection.MaxPoolSize);

    /// <summary>Undoes what was done since the savepoint; also after a statement that failed.</summary>
    public override Task RollbackAsync(string savepointName, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : RunSavepointAsync(BackTo, savepointName, cancellationToken).AsTask();

    /// <inheritdoc />
    public override void Release(string savepointName) => SyncFacade.Run(
        RunSavepointAsync("RELEASE SAVEPOINT ", savepointName, CancellationToken.None), _connection.MaxPoolSize);

    /// <inheritdoc />
    public override Task ReleaseAsync(string savepointName, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : RunSavepointAsync("RELEASE SAVEPOINT ", savepointName, cancellationToken).AsTask();

    private const string BackTo = "ROLLBACK TO SAVEPOINT ";

    private async ValueTask RunSavepointAsync(string what, string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        RequireOpen();
        _connection.RequireIdle();
        if (_status == TransactionStatus.EndedByServer)
        {
            throw Aborted();
        }

        ParsedText text = StatementTexts.Get($"{what}\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        await _connection.RunControlAsync(text, cancellationToken).ConfigureAwait(false);
    }
}
