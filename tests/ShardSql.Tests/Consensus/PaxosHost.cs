using System.Collections.Generic;
using System.Linq;
using System.Text;

using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Tests.Consensus;

/// <summary>One replica with its disk. While <see cref="HoldsDisk"/> nothing is synced.</summary>
internal sealed class PaxosHost
{
    private readonly PaxosOptions _options;
    private readonly List<PaxosRecord> _durable = [];
    private readonly List<PaxosRecord> _unsynced = [];
    private readonly List<PaxosOutgoing> _afterSync = [];
    private ulong _boots;
    private long _nowMs;
    private Slot _snapshot;

    public PaxosHost(PaxosOptions options)
    {
        _options = options;
        Start();
    }

    public NodeId Self => _options.Self;

    public PaxosReplica? Replica { get; private set; }

    public bool HoldsDisk { get; set; }

    /// <summary>Chosen values as text; a no-op is "-". Kept over restarts from the snapshot's slot on.</summary>
    public SortedDictionary<ulong, string> Chosen { get; } = [];

    public List<NodeId> NeedSnapshot { get; } = [];

    public IReadOnlyList<PaxosRecord> Durable => _durable;

    public string ChosenText => string.Join(' ', Chosen.Values);

    public void Start()
    {
        Ballot promised = Ballot.Zero;
        Slot commit = _snapshot;
        var accepted = new List<AcceptedEntry>();
        foreach (PaxosRecord record in _durable)
        {
            switch (record.Kind)
            {
                case PaxosRecordKind.Promise:
                    promised = record.Ballot;
                    break;
                case PaxosRecordKind.Accept:
                    accepted.Add(new AcceptedEntry(record.Slot, record.Ballot, record.Value));
                    break;
                default:
                    commit = record.Slot;
                    break;
            }
        }

        foreach (ulong slot in Chosen.Keys.Where(slot => slot > _snapshot.Value).ToList())
        {
            Chosen.Remove(slot);
        }

        var restored = new PaxosRestored(promised, _snapshot, commit, accepted);
        Replica = new PaxosReplica(_options, restored, new Prng((_options.Self.Value * 1000) + _boots++), _nowMs);
    }

    /// <summary>The process ends: what was not synced is lost.</summary>
    public void Crash()
    {
        Replica = null;
        _unsynced.Clear();
        _afterSync.Clear();
        HoldsDisk = false;
    }

    public void Tick(long milliseconds)
    {
        _nowMs += milliseconds;
        Replica?.Tick(_nowMs);
    }

    public void Truncate(Slot through)
    {
        Replica!.TruncateLog(through);
        _snapshot = through;
    }

    /// <summary>Installs another replica's state up to a slot.</summary>
    public void Install(PaxosHost from, Slot slot)
    {
        Replica!.InstallSnapshot(slot, from.Replica!.Membership);
        _snapshot = slot;
        foreach ((ulong at, string value) in from.Chosen.Where(chosen => chosen.Key <= slot.Value))
        {
            Chosen[at] = value;
        }
    }

    public List<PaxosOutgoing> Take()
    {
        var sent = new List<PaxosOutgoing>();
        while (Replica is { HasReady: true })
        {
            PaxosReady ready = Replica.TakeReady();
            sent.AddRange(ready.Now);
            _unsynced.AddRange(ready.Records);
            _afterSync.AddRange(ready.AfterPersist);
            NeedSnapshot.AddRange(ready.NeedSnapshot);
            foreach (ChosenEntry entry in ready.Chosen)
            {
                Chosen.Add(entry.Slot.Value, entry.Value.Length == 0 ? "-" : Encoding.UTF8.GetString(entry.Value));
            }
        }

        if (Replica is not null && !HoldsDisk)
        {
            _durable.AddRange(_unsynced);
            _unsynced.Clear();
            sent.AddRange(_afterSync);
            _afterSync.Clear();
        }

        return sent;
    }
}
