import FleetSimulator

FleetProgram.start()
