using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ShardSql.Data.Options;

namespace ShardSql.Data.Sessions;

/// <summary>
/// In which order hosts are tried: spread by turns (or as written), those that failed a moment ago last. Every host is
/// in every order, so a wrong guess costs time and never an error.
/// </summary>
internal sealed class HostSelector
{
    private readonly HostAddress[] _hosts;
    private readonly bool _spread;
    private readonly TimeSpan _recheck;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<HostAddress, DateTimeOffset> _failedUntil = [];
    private uint _turn;

    public HostSelector(ConnectionSettings settings, TimeProvider time)
    {
        _hosts = [.. settings.Hosts];
        _spread = settings.LoadBalanceHosts;
        _recheck = settings.HostRecheck;
        _time = time;

        // Processes that start together should not all begin at the first host.
        _turn = _spread ? (uint)Random.Shared.Next(_hosts.Length) : 0;
    }

    /// <summary>All hosts, the one to try first at the front.</summary>
    public IReadOnlyList<HostAddress> Order()
    {
        lock (_lock)
        {
            uint first = _spread ? _turn++ : 0;
            DateTimeOffset now = _time.GetUtcNow();
            return
            [
                .. Enumerable.Range(0, _hosts.Length)
                    .Select(i => _hosts[(first + (uint)i) % (uint)_hosts.Length])
                    .OrderBy(host => _failedUntil.TryGetValue(host, out DateTimeOffset until) && now < until),
            ];
        }
    }

    /// <summary>The host answered.</summary>
    public void Succeeded(HostAddress host)
    {
        lock (_lock)
        {
            _failedUntil.Remove(host);
        }
    }

    /// <summary>The host did not answer.</summary>
    public void Failed(HostAddress host)
    {
        lock (_lock)
        {
            _failedUntil[host] = _time.GetUtcNow() + _recheck;
        }
    }
}
