using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>Sends frames and bytes in one go, or in segments of a size.</summary>
internal sealed record SendStep(IReadOnlyList<WirePart> Parts, int Segment = int.MaxValue) : Step
{
    /// <summary>Between segments.</summary>
    public TimeSpan Pause { get; init; }

    public override bool IsAction => true;

    /// <summary>Whether the next step does not wait for it: who does not read cannot wait for a peer to take all.</summary>
    public bool Behind { get; init; }

    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        Task sending = run.Wire.SendAsync(Parts, Segment, Pause, cancellationToken);
        if (!Behind)
        {
            return sending;
        }

        run.Sending = sending;
        return Task.CompletedTask;
    }

    public override string ToString()
    {
        const int Most = 6;
        string text = $"send {string.Join(", ", Parts.Take(Most).Select(part => $"[{part}]"))}{(Parts.Count > Most ? $" … ({Parts.Count:N0} in all)" : "")}";
        return Segment == int.MaxValue ? text : $"{text} in segments of {Segment} bytes{(Pause == TimeSpan.Zero ? "" : $", {Pause.TotalMilliseconds} ms apart")}";
    }
}
