using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Simulation.Cluster.Workloads;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>
/// A client: one transaction after the other at whatever gateway is up. When its gateway is lost it asks another one what
/// became of the transaction.
/// </summary>
internal sealed class SimulatedClient
{
    private const long LookAgainUs = 100_000;

    private readonly SimulatedCluster _world;
    private readonly Prng _prng;
    private SimulatedGateway? _gateway;
    private ClientProgram? _program;
    private IProgramRun? _run;
    private long _begunUs;

    public SimulatedClient(SimulatedCluster world, Prng prng)
    {
        _world = world;
        _prng = prng;
        BeginSession();
    }

    public UInt128 Session { get; private set; }

    /// <summary>The session's transaction.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>The highest stamp that the session has seen.</summary>
    public HlcTimestamp Highest { get; set; }

    /// <summary>Whether it has nothing on its way.</summary>
    public bool IsIdle => _program is null;

    /// <summary>Whether it goes on with the world's load.</summary>
    public bool IsLoad { get; init; } = true;

    public int Process { get; private set; }

    /// <summary>Begins after a while, and goes on until the world wants no more.</summary>
    public void Start() => _world.Events.After(_prng.Exponential(_world.Knobs.ThinkMeanUs), Next);

    /// <summary>Runs one transaction of somebody else's making.</summary>
    public void Run(ClientProgram program)
    {
        Invariant.Check(IsIdle, "A client does one thing at a time.");
        _program = program;
        Sequence++;
        _begunUs = _world.Events.NowUs;
        Begin();
    }

    private void BeginSession()
    {
        Process = _world.NextProcess();
        Session = (UInt128)(uint)Process + 1;
        Sequence = 0;
    }

    private void Next()
    {
        if (_world.WantsLoad)
        {
            Run(_world.Workload.Next(_prng));
        }
    }

    private void Begin()
    {
        if (!Connect(Begin))
        {
            return;
        }

        _run = _program!.RunAt(_gateway!, this, End);
        _run.Start();
    }

    private bool Connect(Action again)
    {
        List<SimulatedGateway> up = [.. _world.Gateways.Where(gateway => gateway.IsUp)];
        if (up.Count == 0)
        {
            _world.Events.After(LookAgainUs, again);
            return false;
        }

        _gateway = up[_prng.Next(up.Count)];
        _gateway.Lost += OnLost;
        return true;
    }

    private void OnLost()
    {
        _gateway = null;
        if (_run is not { Participants.Count: > 0 })
        {
            End(new TransactionEnd(HistoryOutcome.Fail, "gateway lost", HlcTimestamp.Zero));
            return;
        }

        _world.Reach("gateway lost in commit");
        Resolve();
    }

    private void Resolve()
    {
        if (Connect(Resolve))
        {
            OutcomeRun.Start(_gateway!, Session, Sequence, _run!.Participants, End);
        }
    }

    private void End(TransactionEnd end)
    {
        if (_gateway is { } gateway)
        {
            gateway.Lost -= OnLost;
        }

        Highest = HlcTimestamp.Max(Highest, end.Stamp);

        ClientProgram program = _program!;
        bool committed = end.Outcome == HistoryOutcome.Ok;
        bool wasSent = _run is { Participants.Count: > 0 };
        var last = new TxnId(Session, Sequence, 0);
        if (wasSent && _world.Options.Tampering.Acknowledgement is { } tamper
            && tamper(last, committed) != committed)
        {
            end = end with { Outcome = committed ? HistoryOutcome.Fail : HistoryOutcome.Ok };
        }

        _world.Serial.Ended(Session, Sequence, wasSent, end.Outcome);
        _world.OnEnded(this, program, end);
        if (_run is { Context: { } context })
        {
            program.Ended(new ProgramEnd(Process, _begunUs, _world.Events.NowUs, end.Outcome), context);
        }

        _program = null;
        _run = null;
        _gateway = null;
        if (end.Outcome == HistoryOutcome.Info)
        {
            BeginSession();
        }

        if (IsLoad)
        {
            Start();
        }
    }
}
