using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Planning.Plans;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <summary>The fragments of one stream: one batch of each shard is asked for ahead, and no more.</summary>
internal sealed class RelationStreamReader
{
    private readonly PlanRunner _owner;
    private readonly ShardTask[] _tasks;
    private readonly OpenTransaction _transaction;
    private readonly IRowSink _sink;
    private readonly CancellationToken _ended;
    private readonly Task<FragmentReply>?[] _coming;
    private readonly ulong[] _cursors;
    private readonly long[] _given;
    private int _resumes;

    public RelationStreamReader(
        PlanRunner owner,
        IReadOnlyList<ShardTask> tasks,
        OpenTransaction transaction,
        IRowSink sink,
        CancellationToken ended)
    {
        _owner = owner;
        _tasks = [.. tasks];
        _transaction = transaction;
        _sink = sink;
        _ended = ended;
        _coming = new Task<FragmentReply>?[_tasks.Length];
        _cursors = new ulong[_tasks.Length];
        _given = new long[_tasks.Length];
        for (int i = 0; i < _tasks.Length; i++)
        {
            _coming[i] = Start(_tasks[i]);
        }
    }

    /// <summary>Whether all rows have come.</summary>
    public bool IsExhausted => System.Array.TrueForAll(_coming, static c => c is null);

    /// <summary>The next batch of any shard; null: a cursor was lost, and its missing rows are on their way.</summary>
    public async Task<FragmentReply?> NextAsync()
    {
        int source = await FirstAsync();
        FragmentReply reply = await _coming[source]!;
        _coming[source] = null;
        _cursors[source] = 0;
        ShardTask task = _tasks[source];
        if (reply.Status == ReplyStatus.NoCursor && _resumes < GatewayLimits.MaxCursorResumes
            && task.After(_given[source]) is { } missing)
        {
            _resumes++;
            _coming[source] = Start(missing);
            return null;
        }

        PlanRunner.Require(task, reply, _transaction, _sink, _owner.Stamps);
        _transaction.Expect(task);
        _transaction.Take(task.Shard, reply);
        _given[source] += reply.RowCount;
        if (reply.Cursor != 0)
        {
            _cursors[source] = reply.Cursor;
            _coming[source] = _owner.Client.ContinueAsync(task.Shard, reply.Cursor, _ended).AsTask();
        }

        return reply;
    }

    /// <summary>Gives up what is not read.</summary>
    public void Abandon()
    {
        for (int i = 0; i < _coming.Length; i++)
        {
            if (_coming[i] is { } coming)
            {
                _owner.Background.Follow(
                    PlanRunner.CloseAsync(_owner.Client, _tasks[i].Shard, coming, _cursors[i]));
                _coming[i] = null;
            }
        }
    }

    private Task<FragmentReply> Start(ShardTask task) => _owner.Client.RunFragmentAsync(
        task.Shard, PlanRunner.RequestOf(task, _transaction, drawsSnapshot: false), _ended).AsTask();

    private async Task<int> FirstAsync()
    {
        var waiting = new List<Task>(_coming.Length);
        var places = new List<int>(_coming.Length);
        for (int i = 0; i < _coming.Length; i++)
        {
            if (_coming[i] is not { } coming)
            {
                continue;
            }

            if (coming.IsCompleted)
            {
                return i;
            }

            waiting.Add(coming);
            places.Add(i);
        }

        Task first = waiting.Count == 1 ? waiting[0] : await Task.WhenAny(waiting);
        return places[waiting.IndexOf(first)];
    }
}
