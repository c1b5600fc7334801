import FleetSimulator

await FleetProgram.start()
