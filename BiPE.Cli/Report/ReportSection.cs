using System.Xml.Linq;

namespace BiPE.Cli.Report;

/// <summary>A part of a report's page.</summary>
/// <param name="Heading">Set, and protocol where there are several.</param>
/// <param name="Charts">Its charts as SVG.</param>
internal sealed record ReportSection(string Heading, IReadOnlyList<XElement> Charts);
