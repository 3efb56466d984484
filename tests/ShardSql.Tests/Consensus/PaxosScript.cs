using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

using ShardSql.Consensus;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Consensus;

/// <summary>
/// Commands: nodes N · campaign I · propose I VALUE · deliver FROM&gt;TO KIND · drop FROM&gt;TO KIND · stabilize · tick MS ·
/// cut I · heal · hold I · sync I · crash I · start I · truncate I SLOT · install FROM&gt;TO SLOT ·
/// expect leader I | role I ROLE | chosen I VALUES | lease I YES | promised I BALLOT | snapshot I OF.
/// </summary>
internal sealed class PaxosScript
{
    private readonly List<string> _lines = [];
    private PaxosNet _net = new(3);
    private int _seen;

    public int Expectations { get; private set; }

    public List<string> Execute(string command)
    {
        _lines.Clear();
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int node = words.Length > 1 && int.TryParse(words[1], out int number) ? number : 0;
        switch (words[0])
        {
            case "nodes":
                _net = new PaxosNet(node);
                _seen = 0;
                break;
            case "campaign":
                _net[node].Replica!.Campaign();
                break;
            case "propose":
                _lines.Add($"slot {_net[node].Replica!.Propose(Encoding.UTF8.GetBytes(words[2]))}");
                break;
            case "tick":
                _net.Tick(node);
                break;
            case "expect":
                Expectations++;
                Expect(words[1], int.Parse(words[2], CultureInfo.InvariantCulture), string.Join(' ', words.Skip(3)));
                break;
            default:
                Disturb(words, node);
                break;
        }

        _net.Collect();
        Show();
        return _lines;
    }

    private void Disturb(string[] words, int node)
    {
        switch (words[0])
        {
            case "deliver":
                Find(words).ForEach(_net.Deliver);
                break;
            case "drop":
                Find(words).ForEach(message => _net.Messages.Remove(message));
                break;
            case "stabilize":
                _net.Stabilize();
                break;
            case "cut":
                foreach (PaxosHost other in _net.Hosts)
                {
                    _net.Cut(node, (int)other.Self.Value);
                    _net.Cut((int)other.Self.Value, node);
                }

                break;
            case "heal":
                _net.Heal();
                break;
            case "hold":
                _net[node].HoldsDisk = true;
                break;
            case "sync":
                _net[node].HoldsDisk = false;
                break;
            case "crash":
                _net[node].Crash();
                break;
            case "start":
                _net[node].Start();
                break;
            case "truncate":
                _net[node].Truncate(new Slot(ulong.Parse(words[2], CultureInfo.InvariantCulture)));
                break;
            case "install":
                (int from, int to) = Link(words[1]);
                _net[to].Install(_net[from], new Slot(ulong.Parse(words[2], CultureInfo.InvariantCulture)));
                break;
            default:
                throw new ArgumentException($"No such command: {words[0]}.");
        }
    }

    private void Expect(string what, int node, string expected)
    {
        PaxosReplica? replica = _net[node].Replica;
        string actual = what switch
        {
            "leader" => string.Join(' ', _net.Hosts.Where(host => host.Replica?.Role == PaxosRole.Leader).Select(host => host.Self)),
            "role" => replica!.Role.ToString(),
            "chosen" => _net[node].ChosenText,
            "lease" => replica!.HasLease ? "yes" : "no",
            "promised" => replica!.Promised.ToString(),
            "snapshot" => string.Join(' ', _net[node].NeedSnapshot.Distinct()),
            _ => throw new ArgumentException($"Nothing to expect: {what}."),
        };
        Assert.Equal(what == "leader" ? new NodeId((uint)node).ToString() : expected, actual);
    }

    // What was sent since the last command, those that are delivered already included.
    private void Show()
    {
        foreach (InFlight message in _net.Sent.Skip(_seen))
        {
            _lines.Add(Text(message));
        }

        _seen = _net.Sent.Count;
    }

    private List<InFlight> Find(string[] words)
    {
        (int from, int to) = Link(words[1]);
        List<InFlight> found = [.. _net.Messages.Where(message => message.From.Value == from && message.To.Value == to
            && (words.Length < 3 || message.Message.Kind.ToString() == words[2]))];
        Assert.NotEmpty(found);
        return found;
    }

    private static (int From, int To) Link(string text)
    {
        string[] ends = text.Split('>');
        return (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[1], CultureInfo.InvariantCulture));
    }

    private static string Text(InFlight sent)
    {
        PaxosMessage message = sent.Message;
        string details = message.Kind switch
        {
            PaxosMessageKind.Prepare => $" from slot {message.FirstSlot}",
            PaxosMessageKind.Accept => $" commit {message.Commit}",
            PaxosMessageKind.Accepted => $" through {message.Match}{(message.Gap ? " gap" : string.Empty)}",
            _ => string.Empty,
        };
        string entries = string.Concat(message.Entries.Select(entry =>
            $" {entry.Slot}@{entry.Ballot}={(entry.Value.Length == 0 ? "-" : Encoding.UTF8.GetString(entry.Value))}"));
        return $"{sent.From.Value}>{sent.To.Value} {message.Kind} {message.Ballot}{details}{entries}";
    }
}
