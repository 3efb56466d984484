using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Benchmarks.Load;
using ShardSql.Benchmarks.Reports;

namespace ShardSql.Benchmarks.Comparing;

/// <summary>The windows of contenders that ran in turn: window i of each is from the same minute.</summary>
internal sealed class Rounds(int clients)
{
    private readonly Dictionary<IContender, List<Window>> _windows = [];

    /// <summary>Notes a window.</summary>
    public void Add(IContender contender, Window window)
    {
        if (!_windows.TryGetValue(contender, out List<Window>? windows))
        {
            _windows.Add(contender, windows = []);
        }

        windows.Add(window);
    }

    /// <summary>The median, least and greatest of the rounds' ratios; figures are medians, too.</summary>
    public ResultRow Compare(Measure measure, IContender ours, IContender peer)
    {
        List<Window> oursWindows = _windows[ours];
        List<Window> peerWindows = _windows[peer];
        return Row(
            measure,
            oursWindows,
            peerWindows,
            peer.Name,
            oursWindows.Zip(peerWindows, (our, their) => measure.Figure(our) / measure.Figure(their)),
            MedianOf(peerWindows, measure.Figure));
    }

    /// <summary>The same of one contender against a figure that is asked for.</summary>
    public ResultRow Against(Measure measure, IContender ours, double bound) => Row(
        measure, _windows[ours], _windows[ours], "goal", _windows[ours].Select(our => measure.Figure(our) / bound), bound);

    private ResultRow Row(
        Measure measure, List<Window> oursWindows, List<Window> peerWindows, string peerName, IEnumerable<double> each,
        double peerFigure)
    {
        double[] ratios = [.. each.Order()];
        double ratio = Median(ratios);
        return new ResultRow
        {
            Row = measure.Row,
            Measure = measure.What,
            Unit = measure.Unit,
            Clients = clients,
            Ours = MedianOf(oursWindows, measure.Figure),
            Peer = peerFigure,
            PeerName = peerName,
            Ratio = ratio,
            RatioMin = ratios[0],
            RatioMax = ratios[^1],
            Goal = measure.Goal?.ToString(),
            Met = measure.Goal?.IsMetBy(ratio),
            OursP50Ms = MedianOf(oursWindows, window => window.P50Ms),
            PeerP50Ms = MedianOf(peerWindows, window => window.P50Ms),
            OursP99Ms = MedianOf(oursWindows, window => window.P99Ms),
            PeerP99Ms = MedianOf(peerWindows, window => window.P99Ms),
            OursCpuMicroseconds = MedianOf(oursWindows, window => window.CpuMicroseconds),
            PeerCpuMicroseconds = MedianOf(peerWindows, window => window.CpuMicroseconds),
            OursServerCpuMicroseconds = MedianOf(oursWindows, window => window.ServerCpuMicroseconds),
            PeerServerCpuMicroseconds = MedianOf(peerWindows, window => window.ServerCpuMicroseconds),
            OursRolledBack = oursWindows.Sum(window => window.RolledBack),
            PeerRolledBack = peerWindows.Sum(window => window.RolledBack),
        };
    }

    private static double MedianOf(IEnumerable<Window> windows, Func<Window, double> figure) =>
        Median([.. windows.Select(figure).Order()]);

    private static double Median(double[] sorted) =>
        (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
